/** @dsm/impl: what a shared memory mechanism is. See `dsm-impl.ts` first. */
export {
  integerBetween,
  invalidType,
  optionsObject,
  outOfRange,
  stringMatching,
} from './arguments.js'
export {
  abortError,
  defineImpl,
  NONCE_PATTERN,
  type RawImpl,
  type RawNamespace,
} from './define-impl.js'
export type {
  DsmEvidence,
  DsmImpl,
  DsmImplKind,
  DsmMapping,
  DsmNamespace,
  DsmScope,
  DsmSupports,
} from './dsm-impl.js'
export { DsmError, type DsmErrorCode, type DsmErrorFields, type DsmVerb } from './errors.js'
export {
  checkHandle,
  checkObjectHandle,
  type DsmHandle,
  HANDLE_MAX,
  handleFromRandomBits,
  INVALID_HANDLE,
  isMainRegionHandle,
} from './handle.js'
export {
  handlesInDirectory,
  type NativeAddon,
  type NativeHandle,
  NativeMapping,
  type NativeName,
  nativeNamespace,
} from './native-mapping.js'
export { isStackOverflow } from './stack-overflow.js'
export { fromNativeFailure, isNativeFailure, type NativeFailure } from './system-error.js'
