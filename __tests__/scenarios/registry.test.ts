import { registries } from './registry.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('registry', registries)
