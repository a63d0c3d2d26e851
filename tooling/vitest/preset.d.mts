import type { ViteUserConfig } from 'vitest/config'
export declare const suite: (overrides?: ViteUserConfig['test']) => ViteUserConfig
