import { nodes } from './nodes.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('nodes', nodes)
