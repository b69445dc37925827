// JupyterLab shows an output's image without the alt text in its metadata, so that a screen reader has nothing to say.
// This draws image/png as JupyterLab does and adds the text. Written by hand as a module federation container:
// no build step, no dependency but what JupyterLab shares.
(() => {
  let shared;

  // The copy of a package that JupyterLab itself uses (its tokens are known by identity, not by name).
  const load = async (name) => {
    const versions = shared[name];
    const factory = await versions[Object.keys(versions)[0]].get();
    return factory();
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
        id: 'generative-models-course-alt:plugin',
        autoStart: true,
        requires: [IRenderMimeRegistry],
        activate: (app, rendermime) => rendermime.addFactory(factory)
      }
    };
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['generative-models-course-alt'] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const module = await extension();
      return () => module;
    }
  };
})();
