/**
 * Keeps the page as high as what can be seen of it. Where a keyboard on the screen lies over the page instead of making it smaller
 * (Safari on phones), the composer would be below the keyboard, and the header would be pushed out of sight.
 */
export function followVisibleArea(viewport: VisualViewport | null, root: HTMLElement): void {
  if (viewport === null) return;
  const follow = () => {
    // Magnified by two fingers, less is seen, and the page stays what it is.
    const isCovered = viewport.scale < 1.01 && viewport.height < root.clientHeight - 1;
    root.style.setProperty('--visible-block-size', isCovered ? `${viewport.height}px` : '');
    if (isCovered) scrollTo(0, 0);
  };
  viewport.addEventListener('resize', follow);
}
