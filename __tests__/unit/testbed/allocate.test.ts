import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'

import { freePorts, freeSubnet } from '../../testbed/allocate.ts'

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const route = (destination: string, mask: string) => `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0\n`

test('the default route takes no subnet away', () => {
  assert.equal(freeSubnet(header + route('00000000', '00000000'), []), '10.199.1')
})

test('subnets of other instances and of routes are passed over', () => {
  // 10.199.2.0/24 and 10.199.4.0/23, as the kernel writes them: hexadecimal, last byte first.
  const routes = header + route('0002C70A', '00FFFFFF') + route('0004C70A', '00FEFFFF')
  assert.equal(freeSubnet(routes, ['10.199.1']), '10.199.3')
  assert.equal(freeSubnet(routes, ['10.199.1', '10.199.3']), '10.199.6')
})

test('a route to a single address inside of a subnet takes all of it', () => {
  assert.equal(freeSubnet(header + route('0701C70A', 'FFFFFFFF'), []), '10.199.2')
})

test('a route that covers all subnets leaves none', () => {
  assert.throws(() => freeSubnet(header + route('0000000A', '000000FF'), []), /every 10\.199/)
})

test('ports are free, different and not among the taken ones', async () => {
  // Both are found anew each time: on a busy machine any port that is named here may be somebody's.
  const [busy = 0, free = 0] = await freePorts(2, new Set())
  const server = createServer().listen(busy, '127.0.0.1')
  try {
    const all = Array.from({ length: 10_000 }, (_, index) => 20_000 + index)
    const taken = new Set(all.filter((port) => port !== busy && port !== free))
    assert.deepEqual(await freePorts(1, taken), [free])
    assert.equal(new Set(await freePorts(20, new Set())).size, 20)
  } finally {
    server.close()
  }
})
