import { creation } from './creation.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('creation', creation)
