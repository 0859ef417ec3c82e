import { scheduling } from './scheduling.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('scheduling', scheduling)
