import { PageHead } from '../app/page_head.tsx';
import { text } from '../app/text.ts';

export const HealthPage = () => <PageHead title={text.operatorNav.health} />;
