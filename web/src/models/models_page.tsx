import { PageHead } from '../app/page_head.tsx';

export const ModelsPage = () => <PageHead title="Models" />;
