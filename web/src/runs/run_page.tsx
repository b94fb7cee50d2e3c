import { PageHead } from '../app/page_head.tsx';

export const RunPage = () => <PageHead title="Run" />;
