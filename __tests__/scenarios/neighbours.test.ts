import { neighbours } from './neighbours.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('neighbours', neighbours)
