import { PageHead } from '../app/page_head.tsx';

export const InsightPage = () => <PageHead title="Insight" />;
