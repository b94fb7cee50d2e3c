import { PageHead } from '../app/page_head.tsx';

export const SettingsPage = () => <PageHead title="Settings" />;
