import '../theme/theme.css';
import './report.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ReportPage } from './report-page.js';

const root = document.getElementById('root');
if (root === null) throw new Error('report.html has no #root');

createRoot(root).render(
  <StrictMode>
    <ReportPage />
  </StrictMode>,
);
