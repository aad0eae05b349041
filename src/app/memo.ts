import { Component, type ComponentChild, type FunctionComponent, h } from 'preact';

/** A component that is drawn again only when one of its props is another value. */
export function memo<Props extends object>(view: (props: Props) => ComponentChild): FunctionComponent<Props> {
  class Memo extends Component<{ readonly inner: Props }> {
    override shouldComponentUpdate({ inner }: { readonly inner: Props }): boolean {
      const before = this.props.inner;
      // The same object: no parent drew again, a signal of the component's own changed.
      if (before === inner) return true;
      const names = new Set([...Object.keys(before), ...Object.keys(inner)]) as Set<keyof Props & string>;
      for (const name of names) if (before[name] !== inner[name]) return true;
      return false;
    }
    override render(): ComponentChild {
      return view(this.props.inner);
    }
  }
  return (props) => h(Memo, { inner: props });
}
