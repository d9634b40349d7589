import { testScenarios } from '../clients/web-face.ts';
import { scenarios } from './page-scenarios.ts';

testScenarios(new URL('./page-run.js', import.meta.url), scenarios.keys());
