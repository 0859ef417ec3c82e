import { charts } from './charts.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('chart', charts)
