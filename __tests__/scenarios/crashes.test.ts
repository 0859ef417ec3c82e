import { crashes } from './crashes.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('crashes', crashes)
