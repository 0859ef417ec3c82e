import { images } from './images.ts'
import { tellScenarios } from './scenario.ts'

tellScenarios('image', images)
