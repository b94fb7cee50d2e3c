import { PageHead } from '../app/page_head.tsx';

export const ProjectPage = () => <PageHead title="Project" />;
