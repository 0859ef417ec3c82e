import {test, describe, it} from 'node:test'; import assert from 'node:assert/strict'
console.log('hello out'); console.error('err out')
test('ok',()=>{}); test('bad',()=>{assert.deepEqual({a:1,b:[1,2]},{a:1,b:[1,3]})})
test('skipped',{skip:'no root'},()=>{}); test.todo('later')
describe('suite',()=>{it('in suite',()=>{}); it('in suite bad',()=>{throw new Error('boom', {cause:new Error('inner')})})})
test('parent', async (t)=>{await t.test('child ok',()=>{}); await t.test('child bad',()=>{throw 'string'})})
