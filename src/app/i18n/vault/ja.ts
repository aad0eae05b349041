import { formatCount } from '../../format/index.ts';
import type { Catalogue } from '../catalogue.ts';

/** What the vault says, and what the rules of the site ask for. */
export const VAULT_JA: Pick<Catalogue, 'vault' | 'policy'> = {
  vault: {
    tampered: (count) =>
      `前回の使用後、保存された記録 ${formatCount(count)} 件が外部から変更、削除、または戻されました。書いたとおりでないものは表示しません。`,
    title: '金庫',
    isOff:
      'オフ。このブラウザープロファイルを使える人は、チャットを読めます。合い言葉を決めると、ディスク上では読めなくなります。',
    isOn: 'オン。チャット、文書、設定はディスク上で暗号化され（AES-256）、鍵は合い言葉でだけ開きます。',
    unavailable: 'ブラウザーがここに何も保存しないため、閉じるものがありません。',
    switchOn: '合い言葉を決める…',
    lock: '今すぐ閉じる',
    lockAfter: '操作がないとき閉じるまでの分数（0：閉じない）',
    change: '合い言葉を変える…',
    switchOff: 'オフにする…',
    backup: '暗号化した控え…',
    restore: '控えから戻す…',
    file: '控えのファイル',
    passphrase: '合い言葉',
    newPassphrase: '新しい合い言葉',
    again: 'もう一度同じもの',
    short: (least) => `${formatCount(least)} 文字以上。いくつかの単語を並べるとよいでしょう。`,
    different: '二つはまだ同じではありません。',
    forgotten: '合い言葉なしには誰にも、私たちにも開けません。忘れると中身はすべて失われます。',
    submit: { on: 'すべて暗号化', change: '変える', off: 'すべて復号', backup: '控えを作る', restore: '戻す' },
    switchedOn: '暗号化しました。古いディスクの断片は、上書きされるまでしばらく残ることがあります。',
    changed: '合い言葉を変えました。',
    switchedOff: '金庫はオフです。すべて元どおり読めます。',
    backedUp: '控えを作りました。',
    working: '少々お待ちください。強い鍵には、わざと時間をかけます。',
    lockedTitle: '金庫は閉じています',
    lockedNote: 'チャットはこの端末にありますが、合い言葉なしには読めません。',
    unlock: '開ける',
  },
  policy: {
    retention: (days, who) =>
      `チャットは最後の使用から${formatCount(days)}日後に削除されます（${who || 'このサイト'}の規則）。`,
    announced: (count) =>
      `このサイトの新しい規則により、古いチャットは削除されます。明日以降、このページを開くと${formatCount(count)}件が削除されます。`,
    vaultTitle: '最初にパスフレーズを決めてください',
    vaultNote: (who) =>
      `${who || 'このサイト'}はチャットを暗号化してのみ保存します。パスフレーズを決めてください。ページを開くたびに必要です。`,
  },
};
