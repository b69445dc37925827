// What a screen reader misses in JupyterLab: the alt text in an output's metadata is not put on the image, and the
// handle of a slider has no name. This draws image/png as JupyterLab does and adds the text, and names each handle
// by the label beside it. Written by hand as a module federation container: no build step, no dependency but what
// JupyterLab shares.
(() => {
  let shared;

  // The copy of a package that JupyterLab itself uses (its tokens are known by identity, not by name).
  const load = async (name) => {
    const versions = shared[name];
    const factory = await versions[Object.keys(versions)[0]].get();
    return factory();
  };

  const nameSliders = () => {
    for (const handle of document.querySelectorAll('.noUi-handle:not([aria-label])')) {
      const label = handle.closest('.widget-inline-hbox')?.querySelector('.widget-label');
      handle.setAttribute('aria-label', label?.textContent ?? '');
    }
  };

  const extension = async () => {
    const { IRenderMimeRegistry, RenderedImage } = await load('@jupyterlab/rendermime');

    class ImageWithAlt extends RenderedImage {
      async renderModel(model) {
        await super.renderModel(model);
        const image = this.node.querySelector('img');
        if (image) {
          image.alt = model.metadata[this.mimeType]?.alt ?? '';
        }
      }
    }

    const factory = {
      safe: true,
      mimeTypes: ['image/png'],
      defaultRank: 89, // just before JupyterLab's own
      createRenderer: (options) => new ImageWithAlt(options)
    };
    return {
      __esModule: true,
      default: {
        id: 'generative-models-course-a11y:plugin',
        autoStart: true,
        requires: [IRenderMimeRegistry],
        activate: (app, rendermime) => {
          rendermime.addFactory(factory);
          new MutationObserver(nameSliders).observe(document.body, { childList: true, subtree: true });
        }
      }
    };
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['generative-models-course-a11y'] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const module = await extension();
      return () => module;
    }
  };
})();
