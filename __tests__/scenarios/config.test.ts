import { config } from './config.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('config', config)
