import { probes } from './probes.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('probes', probes)
