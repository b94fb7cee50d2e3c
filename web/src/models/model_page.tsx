import { PageHead } from '../app/page_head.tsx';

export const ModelPage = () => <PageHead title="Model" />;
