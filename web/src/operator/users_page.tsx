import { PageHead } from '../app/page_head.tsx';
import { text } from '../app/text.ts';

export const UsersPage = () => <PageHead title={text.operatorNav.users} />;
