import { PageHead } from '../app/page_head.tsx';

export const LibraryPage = () => <PageHead title="Library" />;
