/** The part of Lit 3 that the pages use. */
export interface TemplateResult {
  strings: TemplateStringsArray;
}
export interface CSSResult {
  readonly cssText: string;
}
export const nothing: unique symbol;
export function html(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult;
export function css(strings: TemplateStringsArray, ...values: (CSSResult | number)[]): CSSResult;
export type Changed = Map<string, unknown>;
export class LitElement extends HTMLElement {
  static properties: Record<string, object>;
  static styles: CSSResult | CSSResult[];
  readonly renderRoot: ShadowRoot;
  readonly updateComplete: Promise<boolean>;
  connectedCallback(): void;
  disconnectedCallback(): void;
  requestUpdate(): void;
  protected render(): unknown;
  protected willUpdate(changed: Changed): void;
  protected updated(changed: Changed): void;
  protected firstUpdated(changed: Changed): void;
}
