import { PageHead } from '../app/page_head.tsx';

export const ChartsTab = () => <PageHead title="Charts" />;
