import './nothing.ts'
