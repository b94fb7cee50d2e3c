import { PageHead } from '../app/page_head.tsx';

export const ImportPage = () => <PageHead title="Import past projects" />;
