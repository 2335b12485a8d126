import '@mantine/core/styles/default-css-variables.layer.css';
import '@mantine/core/styles/baseline.layer.css';
import '@mantine/core/styles/global.layer.css';
import '../theme/tokens.css';
import '../theme/mantine.css';
import './shell.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { client } from '../api/client.js';
import { cssVariables, theme } from '../theme/mantine.js';
import { App } from './app.js';
import { followUpgrades } from './upgrade.js';

followUpgrades();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Provider value={client}>
        <App />
      </Provider>
    </MantineProvider>
  </StrictMode>,
);
