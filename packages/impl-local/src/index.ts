/** @dsm/impl-local: a DsmImpl without an operating system, with failures on order. */
export { type LocalCall, type LocalFault, LocalFaults, type LocalOperation } from './faults.js'
export { type LocalOptions, local } from './local.js'
export { type Placed, placeObject, remainingLocal, resetLocal } from './registry.js'
