/**
 * The second process of the suite: plain Node, forked, knowing a module and a scope and no more.
 * It does what it is asked and answers; it ends when its parent does.
 */
import { closeSync, openSync } from 'node:fs'
import type { DsmImpl, DsmMapping, DsmNamespace } from '../dsm-impl.js'
import type { Answers, ChildStart, Failure, Question, Request } from './protocol.js'

const mappings = new Map<number, DsmMapping>()

function viewOf(handle: number): Uint8Array {
  const mapping = mappings.get(handle)
  if (!mapping) throw new Error(`the child has no mapping of ${handle}`)
  return new Uint8Array(mapping.buffer)
}

function create(space: DsmNamespace, handle: number, size: number): number | null {
  const mapping = space.create(handle, size)
  if (mapping === null) return null
  space.pin?.(handle)
  mappings.set(handle, mapping)
  return mapping.identity
}

/** Creates all handles in turn, from the same moment on as everybody else in the race. */
function race(space: DsmNamespace, question: Question & { ask: 'race' }): number[] {
  while (Date.now() < question.startAtMs);
  return question.handles.filter(handle => create(space, handle, question.size) !== null)
}

const spare: number[] = []

/** Takes every descriptor that the system gives. */
function exhaust(): null {
  try {
    for (;;) spare.push(openSync('/dev/null', 'r'))
  } catch {
    return null
  }
}

function recover(): null {
  for (const descriptor of spare.splice(0)) closeSync(descriptor)
  return null
}

function answer(space: DsmNamespace, question: Question): Answers[keyof Answers] {
  switch (question.ask) {
    case 'describe':
      return { kind: space.impl.kind, osName: space.osName(question.handle) }
    case 'create':
      return create(space, question.handle, question.size)
    case 'attach': {
      const mapping = space.attach(question.handle, question.size)
      mappings.set(question.handle, mapping)
      return mapping.identity
    }
    case 'write':
      viewOf(question.handle)[question.at] = question.value
      // A mechanism that exchanges bytes when it is asked for them does so now.
      viewOf(question.handle)
      return null
    case 'read':
      return viewOf(question.handle)[question.at] ?? -1
    case 'detach':
      mappings.get(question.handle)?.detach()
      return null
    case 'destroy':
      return space.destroy(question.handle, question.evidence)
    case 'enumerate':
      return space.enumerate!()
    case 'race':
      return race(space, question)
    case 'exhaust':
      return exhaust()
    case 'recover':
      return recover()
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'thrown', message: String(error) }
  const { name, message } = error
  return 'code' in error ? { name, message, code: String(error.code) } : { name, message }
}

async function open(start: ChildStart): Promise<DsmNamespace> {
  const imported = (await import(start.module)) as Record<string, unknown>
  const found = imported[start.factory]
  if (found === undefined) throw new Error(`${start.module} has no export ${start.factory}`)
  const impl = typeof found === 'function' ? found(start.factoryOptions) : found
  return (impl as DsmImpl).open(start.scope)
}

let space: DsmNamespace | null = null

async function onMessage(message: ChildStart | Request): Promise<void> {
  const id = 'id' in message ? message.id : 0
  try {
    if (!('id' in message)) {
      space = await open(message)
      process.send!({ id, answer: null })
    } else process.send!({ id, answer: answer(space!, message.question) })
  } catch (error) {
    process.send!({ id, failure: failureOf(error) })
  }
}

process.on('message', message => void onMessage(message as ChildStart | Request))
process.on('disconnect', () => process.exit())
