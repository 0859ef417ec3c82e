import { api } from './api.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('api', api)
