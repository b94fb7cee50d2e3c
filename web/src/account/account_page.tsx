import { PageHead } from '../app/page_head.tsx';

export const AccountPage = () => <PageHead title="Your account" />;
