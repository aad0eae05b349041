import type { Words } from './words.ts';

export const SPANISH: Words = {
  title: 'Asistente',
  close: 'Cerrar',
  onDevice: 'En este dispositivo',
  onDeviceNote: 'El modelo funciona en este navegador. Lo que escribe no se envía a ninguna parte.',
  welcome: 'Haga una pregunta. La respuesta se escribe en este dispositivo.',
  you: 'Usted',
  assistant: 'Asistente',
  message: 'Mensaje',
  send: 'Enviar',
  stop: 'Detener',
  clear: 'Conversación nueva',
  caution: 'Un modelo pequeño puede equivocarse. Compruebe lo importante.',
  install: (size) => `Descargar el modelo (${size})`,
  installNote:
    'Una vez, desde el servidor de este sitio. Después funciona sin red y nada de lo que escribe sale de este dispositivo.',
  fetching: (done, all) => `Descargando el modelo: ${done} de ${all}`,
  loading: 'Iniciando el modelo …',
  answering: 'Escribiendo …',
  answered: 'La respuesta está lista.',
  retry: 'Intentar de nuevo',
  unsupported: 'Este navegador no puede ejecutar el modelo: faltan WebAssembly SIMD o los workers.',
  singleThread: 'Esta página no permite hilos: aquí las respuestas son más lentas.',
  contextUsed: 'Esta página ha comunicado su contenido al asistente.',
};
