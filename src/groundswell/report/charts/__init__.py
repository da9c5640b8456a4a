"""One drawer a shape, one house style, static SVG that follows the page's colours."""
