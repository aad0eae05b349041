import type { Words } from './words.ts';

export const JAPANESE: Words = {
  title: 'アシスタント',
  close: '閉じる',
  onDevice: 'この端末内',
  onDeviceNote: 'モデルはこのブラウザー内で動きます。入力した内容はどこにも送信されません。',
  welcome: '質問してください。回答はこの端末で作られます。',
  you: 'あなた',
  assistant: 'アシスタント',
  message: 'メッセージ',
  send: '送信',
  stop: '停止',
  clear: '新しい会話',
  caution: '小さなモデルは間違えることがあります。大切なことは確認してください。',
  install: (size) => `モデルを取得（${size}）`,
  installNote:
    'このサイトのサーバーから一度だけ取得します。その後はネットワークなしで使え、入力した内容はこの端末から出ません。',
  fetching: (done, all) => `モデルを取得中：${done} / ${all}`,
  loading: 'モデルを起動しています…',
  answering: '書いています…',
  answered: '回答が終わりました。',
  retry: 'もう一度試す',
  unsupported: 'このブラウザーではモデルを実行できません。WebAssembly SIMD またはワーカーがありません。',
  singleThread: 'このページではスレッドが使えないため、回答が遅くなります。',
  contextUsed: 'このページは内容をアシスタントに伝えています。',
};
