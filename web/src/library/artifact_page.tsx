import { PageHead } from '../app/page_head.tsx';

export const ArtifactPage = () => <PageHead title="Artifact" />;
