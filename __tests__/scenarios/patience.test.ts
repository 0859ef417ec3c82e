import { patience } from './patience.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('patience', patience)
