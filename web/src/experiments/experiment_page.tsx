import { PageHead } from '../app/page_head.tsx';

export const ExperimentPage = () => <PageHead title="Experiment" />;
