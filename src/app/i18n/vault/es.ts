import { formatCount } from '../../format/index.ts';
import type { Catalogue } from '../catalogue.ts';

/** What the vault says, and what the rules of the site ask for. */
export const VAULT_ES: Pick<Catalogue, 'vault' | 'policy'> = {
  vault: {
    tampered: (count) =>
      count === 1
        ? 'Un registro guardado fue cambiado, eliminado o repuesto desde fuera desde el último uso de la bóveda. Lo que no está como se escribió no se muestra.'
        : `${formatCount(count)} registros guardados fueron cambiados, eliminados o repuestos desde fuera desde el último uso de la bóveda. Lo que no está como se escribió no se muestra.`,
    title: 'Caja fuerte',
    isOff:
      'Inactiva. Quien pueda usar este perfil del navegador puede leer sus chats. Una frase secreta los hace ilegibles en el disco.',
    isOn: 'Activa. Chats, documentos y ajustes están cifrados en el disco (AES-256) con una clave que solo abre su frase secreta.',
    unavailable: 'El navegador no guarda nada aquí: no hay nada que cerrar.',
    switchOn: 'Elegir una frase secreta…',
    lock: 'Bloquear ahora',
    lockAfter: 'Bloquear tras tantos minutos sin actividad (0: nunca)',
    change: 'Cambiar la frase secreta…',
    switchOff: 'Desactivar…',
    backup: 'Copia cifrada…',
    restore: 'Restaurar una copia…',
    file: 'Archivo de la copia',
    passphrase: 'Frase secreta',
    newPassphrase: 'Nueva frase secreta',
    again: 'La misma otra vez',
    short: (least) => `Al menos ${formatCount(least)} caracteres. Unas cuantas palabras seguidas van bien.`,
    different: 'Las dos aún no son iguales.',
    forgotten: 'Sin la frase secreta nadie puede abrirla, ni siquiera nosotros. Si se olvida, se pierde todo.',
    submit: {
      on: 'Cifrar todo',
      change: 'Cambiar',
      off: 'Descifrar todo',
      backup: 'Hacer la copia',
      restore: 'Restaurar',
    },
    switchedOn: 'Cifrado. El navegador puede conservar bloques viejos del disco un tiempo antes de sobrescribirlos.',
    changed: 'La frase secreta se cambió.',
    switchedOff: 'La caja fuerte está inactiva: todo vuelve a ser legible.',
    backedUp: 'La copia está hecha.',
    working: 'Un momento. Una clave fuerte tarda, a propósito.',
    lockedTitle: 'La caja fuerte está bloqueada',
    lockedNote: 'Sus chats están en este dispositivo, ilegibles sin la frase secreta.',
    unlock: 'Desbloquear',
  },
  policy: {
    retention: (days, who) =>
      `Los chats se borran ${formatCount(days)} ${days === 1 ? 'día' : 'días'} después de su último uso: una regla de ${who || 'este sitio'}.`,
    announced: (count) =>
      `Una regla nueva de este sitio borra los chats antiguos. A partir de mañana se ${count === 1 ? 'borrará' : 'borrarán'} ${formatCount(count)} ${count === 1 ? 'chat' : 'chats'} al abrir esta página.`,
    vaultTitle: 'Primero, una contraseña',
    vaultNote: (who) =>
      `${who || 'Este sitio'} solo guarda chats cifrados. Elija una contraseña; se pide cada vez que se abre esta página.`,
  },
};
