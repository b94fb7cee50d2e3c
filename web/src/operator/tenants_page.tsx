import { PageHead } from '../app/page_head.tsx';

export const TenantsPage = () => <PageHead title="Tenants" />;
