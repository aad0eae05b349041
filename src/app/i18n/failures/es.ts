import type { Failures } from './failures.ts';

/** What went wrong, and what to do about it, by code. */
export const FAILURES_ES: Failures = {
  'empty-prompt': ['El mensaje está vacío.', 'Escribe algo primero.'],
  'prompt-too-long': [
    'El texto es demasiado largo para este modelo.',
    'Acórtalo o empieza un chat nuevo: el modelo solo lee lo que cabe en su contexto.',
  ],
  'invalid-option': ['Una opción no es válida.', 'Corrige la opción indicada.'],
  'unsupported-option': [
    'Una opción no es compatible.',
    'Quita la opción indicada: este modelo o navegador no puede cumplirla.',
  ],
  'grammar-invalid': [
    'La forma pedida tiene un error.',
    'Corrige el esquema, el patrón o la gramática en el lugar indicado.',
  ],
  'grammar-unsupported': ['La forma pedida no es compatible.', 'Deja fuera lo indicado o escríbelo de otro modo.'],
  'grammar-too-complex': ['La forma pedida es demasiado grande.', 'Reduce el esquema, el patrón o la gramática.'],
  'gguf-truncated': ['El archivo del modelo está incompleto.', 'Descárgalo de nuevo.'],
  'gguf-invalid': ['El archivo del modelo está dañado o no es GGUF.', 'Descárgalo de nuevo o elige otro.'],
  'gguf-limit': ['El archivo pide más de lo que necesita cualquier modelo real.', 'No te fíes de él.'],
  'onnx-truncated': ['El archivo del modelo está incompleto.', 'Descárgalo de nuevo.'],
  'onnx-invalid': ['El archivo del modelo está dañado o no es ONNX.', 'Elige otro archivo.'],
  'onnx-limit': ['El archivo pide más de lo que necesita cualquier modelo real.', 'No te fíes de él.'],
  'model-unsupported': [
    'Este modelo no es compatible.',
    'Elige un modelo con una arquitectura y una cuantización compatibles.',
  ],
  'model-unknown': ['Este modelo no está aquí.', 'Elige uno de la lista o abre un archivo .gguf.'],
  'model-not-loaded': ['No hay ningún modelo cargado.', 'Carga primero un modelo.'],
  'tokenizer-unsupported': [
    'Este modelo divide el texto de una forma que no es compatible.',
    'Elige un modelo cuyo tokenizador lo sea.',
  ],
  'template-rejected': ['La plantilla de chat de este modelo es defectuosa o insegura.', 'Usa otro archivo.'],
  'download-failed': ['La descarga falló.', 'Comprueba la conexión y reanuda: lo que ya llegó se conserva.'],
  'download-stalled': ['La descarga se detuvo.', 'El servidor no envía nada. Comprueba la conexión y reanuda.'],
  'download-not-the-file': [
    'El servidor respondió con algo que no es el modelo.',
    'Comprueba la dirección o la página de acceso de la red.',
  ],
  'download-refused': ['Este servidor no está permitido.', 'Pregunta a quien gestiona esta página.'],
  'hash-mismatch': [
    'Los bytes no son los publicados.',
    'No se guardaron. Inténtalo de nuevo o avisa a quien gestiona esta página.',
  ],
  'storage-full': [
    'El navegador no tiene más espacio.',
    'Libera espacio o borra un modelo y reanuda: lo que ya llegó se conserva.',
  ],
  'storage-unavailable': [
    'El navegador bloquea aquí el almacenamiento.',
    'Quizá sea una ventana privada. El modelo queda en memoria hasta cerrar la página.',
  ],
  'storage-failed': [
    'No se pudo leer o guardar en este dispositivo.',
    'Recarga la página. Si se repite con un modelo, bórralo y descárgalo de nuevo.',
  ],
  'chunk-corrupt': [
    'Una parte guardada del modelo cambió en el disco.',
    'Se descargará de nuevo cuando haya conexión.',
  ],
  'snapshot-damaged': ['La sesión guardada estaba dañada y se eliminó.', 'El texto se vuelve a leer por sí solo.'],
  'record-newer': ['Esto lo guardó una versión más nueva.', 'Recarga la página para actualizarla.'],
  'task-unavailable': [
    'Aquí nada hace esta tarea lo bastante bien.',
    'Instala el modelo indicado o entrena un experto.',
  ],
  'task-input': ['La entrada no es válida.', 'Corrige la entrada indicada.'],
  'expert-invalid': ['El experto tiene un error.', 'Corrige lo indicado o entrénalo de nuevo.'],
  'expert-worse': ['La nueva versión del experto es peor.', 'Entrénala con las filas que ahora fallan.'],
  'flow-invalid': ['El flujo tiene un error.', 'Corrígelo en el lugar indicado.'],
  'flow-failed': ['El flujo falló.', 'Abre la traza: muestra qué paso falló y por qué.'],
  'vault-locked': ['La bóveda está cerrada.', 'Ábrela primero con su contraseña.'],
  'vault-damaged': [
    'Algo de la bóveda está dañado o fue cambiado.',
    'No te fíes de esta copia: restaura una copia de seguridad o bórralo todo y empieza de nuevo.',
  ],
  'passphrase-wrong': [
    'Esta contraseña no abre la bóveda.',
    'Inténtalo de nuevo. Sin ella nadie puede abrirla, tampoco nosotros.',
  ],
  'passphrase-weak': [
    'Esta contraseña es demasiado corta.',
    'Elige una más larga: unas cuantas palabras seguidas se recuerdan bien.',
  ],
  'document-invalid': [
    'Este documento no se puede leer.',
    'Elige otro archivo: PDF, DOCX, Markdown, HTML, CSV y texto, hasta 100 MB.',
  ],
  'import-invalid': [
    'Este archivo no se puede importar.',
    'Elige una exportación de Sotto, ChatGPT, Open WebUI o LibreChat: un .json o el .zip que lo contiene.',
  ],
  'wasm-simd-missing': [
    'Este navegador es demasiado antiguo para un modelo.',
    'Actualízalo: le falta WebAssembly SIMD.',
  ],
  'wasm-out-of-memory': [
    'No hay memoria suficiente.',
    'Cierra otras pestañas o elige un modelo o un contexto más pequeños.',
  ],
  'backend-unavailable': ['Este dispositivo no puede usar el motor pedido.', 'Usa la CPU.'],
  'device-lost': ['El dispositivo gráfico se detuvo.', 'Inténtalo de nuevo: el modelo se carga otra vez.'],
  'gpu-out-of-memory': [
    'No hay memoria gráfica suficiente.',
    'Cierra otras pestañas, elige un modelo más pequeño o usa la CPU.',
  ],
  'numeric-fault': ['El cálculo salió mal y se detuvo.', 'Inténtalo de nuevo.'],
  'worker-lost': ['El cálculo en segundo plano se detuvo.', 'Inténtalo de nuevo: ya funciona otra vez.'],
  'engine-moved': ['Otra pestaña tomó el modelo.', 'Inténtalo de nuevo: del intento no quedó nada.'],
  'worker-load-failed': ['Una parte de la aplicación no se cargó.', 'Comprueba la conexión y recarga la página.'],
  'protocol-mismatch': ['Esta pestaña usa otra versión de la aplicación.', 'Recárgala.'],
  disposed: ['Esto se cerró.', 'Recarga la página.'],
  internal: ['Es un fallo de Sotto.', 'Comunícalo con las palabras de abajo, por favor.'],
  'safetensors-truncated': ['El archivo del modelo está incompleto.', 'Descárgalo de nuevo.'],
  'safetensors-invalid': ['El archivo del modelo está dañado o no es safetensors.', 'Elige otro archivo.'],
  'safetensors-limit': ['El archivo pide más de lo que necesita cualquier modelo real.', 'No te fíes de él.'],
  'model-config-invalid': ['Un archivo de configuración de este modelo está dañado.', 'Descarga la carpeta de nuevo.'],
  'model-files-missing': [
    'Faltan archivos del modelo.',
    'Elige la carpeta entera: config.json, tokenizer.json y todos los .safetensors.',
  ],
  'pack-invalid': [
    'Este archivo no es un paquete de modelo.',
    'Elige uno hecho por la página de modelos o por npm run pack.',
  ],
  'pack-truncated': ['El paquete de modelo está incompleto.', 'Cópialo de nuevo.'],
  'pack-tampered': [
    'El paquete de modelo fue modificado.',
    'No lo uses: no es lo que firmó su autor. Pídeselo de nuevo.',
  ],
  'pack-untrusted': [
    'Este navegador no conoce al autor del paquete.',
    'Compara la huella con él. Si es la suya, impórtalo de nuevo y confírmalo.',
  ],
  'model-too-large': [
    'El modelo es demasiado grande para este dispositivo.',
    'Elige un modelo o un contexto más pequeños, o libera el espacio indicado.',
  ],
  'model-changed': [
    'El archivo de origen ya no es el que se aceptó aquí.',
    'Mira la diferencia en la página de modelos: acéptalo o conserva lo guardado.',
  ],
  'policy-invalid': [
    'La política de este sitio tiene un error.',
    'Avisa a quien gestiona esta página: «npm run policy -- check ARCHIVO» señala el lugar.',
  ],
  'blocked-by-policy': ['Esto está desactivado aquí.', 'Lo decidió quien gestiona esta página. Pregúntale.'],
  'knowledge-invalid': [
    'El paquete de conocimiento de este sitio tiene un error.',
    'Avisa a quien gestiona esta página: hay que hacerlo de nuevo.',
  ],
};
