import { PageHead } from '../app/page_head.tsx';
import { text } from '../app/text.ts';

export const AuditPage = () => <PageHead title={text.operatorNav.audit} />;
