import {test} from 'node:test'; test('hang', {timeout:300}, ()=>new Promise(()=>{ setInterval(()=>{},1000)}))
