// What a reader misses in JupyterLab, added for this course:
// - the alt text in an output's metadata is put on the image (image/png is drawn as JupyterLab does otherwise);
// - a slider says its name and its value, and the words of its picture when they change;
// - a saved notebook that is opened again shows the stored picture of a slider, not an error;
// - the hidden text of a formula is as narrow as the formula: a wider one makes the whole cell scroll;
// - links are underlined: beside black text their blue alone is not enough.
// Written by hand as a module federation container: no build step, no dependency but what JupyterLab shares.
(() => {
  let shared;

  // The copy of a package that JupyterLab itself uses (its tokens are known by identity, not by name).
  const load = async (name) => {
    const versions = shared[name];
    const factory = await versions[Object.keys(versions)[0]].get();
    return factory();
  };

  // A handle's name is the label beside it, and its value what is written there: of a list, the entry and not its place.
  const describeSliders = () => {
    for (const handle of document.querySelectorAll('.noUi-handle')) {
      const row = handle.closest('.widget-inline-hbox');
      const say = (attribute, selector) => {
        const words = row?.querySelector(selector)?.textContent;
        if (words && handle.getAttribute(attribute) !== words) {
          handle.setAttribute(attribute, words);
        }
      };
      say('aria-label', '.widget-label');
      say('aria-valuetext', '.widget-readout');
    }
    for (const picture of document.querySelectorAll('.widget-html-content:not([aria-live])')) {
      picture.setAttribute('aria-live', 'polite');
    }
  };

  const WIDGET = 'application/vnd.jupyter.widget-view+json';

  // The kernel that knew the sliders is gone: their renderer says "model not found" and ignores the stored picture.
  const showStoredPictures = (rendermime, MimeModel) => {
    if (!rendermime.getFactory(WIDGET)) {
      return; // no ipywidgets
    }
    const renderer = Object.getPrototypeOf(rendermime.createRenderer(WIDGET));
    const renderWidget = renderer.renderModel;
    renderer.renderModel = async function (model) {
      await renderWidget.call(this, model);
      const { [WIDGET]: unused, ...data } = model.data;
      const mimeType = rendermime.preferredMimeType(data, 'ensure');
      if (!mimeType || !this.node.textContent.startsWith('Error displaying widget')) {
        return;
      }
      const stored = rendermime.createRenderer(mimeType);
      await stored.renderModel(new MimeModel({ data, metadata: model.metadata }));
      const note = document.createElement('p');
      note.textContent = '動かすには、このセルをもう一度実行してください。';
      this.removeClass('jupyter-widgets');
      this.node.replaceChildren(note);
      this.addWidget(stored);
    };
  };

  const extension = async () => {
    const { IRenderMimeRegistry, MimeModel, RenderedImage } = await load('@jupyterlab/rendermime');

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
          const style = document.createElement('style');
          style.textContent =
            'mjx-assistive-mml { max-width: 100%; }' +
            '.jp-RenderedHTMLCommon.jp-RenderedMarkdown a:any-link { text-decoration: underline; }';
          document.head.append(style);
          rendermime.addFactory(factory);
          app.started.then(() => showStoredPictures(rendermime, MimeModel));
          new MutationObserver(describeSliders).observe(document.body, { childList: true, subtree: true });
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
