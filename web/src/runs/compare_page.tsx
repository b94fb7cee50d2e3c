import { PageHead } from '../app/page_head.tsx';

export const ComparePage = () => <PageHead title="Compare runs" />;
