import { PageHead } from '../app/page_head.tsx';

export const ProjectsPage = () => <PageHead title="Projects" />;
