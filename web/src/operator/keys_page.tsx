import { PageHead } from '../app/page_head.tsx';
import { text } from '../app/text.ts';

export const KeysPage = () => <PageHead title={text.operatorNav.keys} />;
