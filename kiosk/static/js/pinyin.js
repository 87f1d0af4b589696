// Chinese by pinyin: letters typed, cut into syllables, characters to choose from. Common characters come from the
// list in the browser, by how often they are used; the rare ones from the service, after them.
const SURNAMES =
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙史黎贺陶顾毛郝龚邵万覃武钱戴严莫孔向常汤乔赖欧阳单解仇查盖曲宁葛";
let common = {};
const rare = new Map();

/** Take the list of characters in use. */
export async function load(address) {
  const { default: layout } = await import(address);
  common = layout.layoutCandidates;
}

/** The syllable that letters begin with: the longest there is, but not one that leaves a rest which begins none. */
export function first(letters) {
  const cuts = [];
  for (let length = Math.min(6, letters.length); length > 0; length -= 1) {
    if (common[letters.slice(0, length)]) cuts.push(letters.slice(0, length));
  }
  return cuts.find((cut) => possible(letters.slice(cut.length))) ?? cuts[0] ?? letters.slice(0, 1);
}

const possible = (rest) => !rest || Object.keys(common).some((one) => one.startsWith(rest) || rest.startsWith(one));

/** Characters for what has been typed: those of the first syllable, surnames before others where a name begins. */
export function candidates(letters, begins) {
  const syllable = first(letters);
  const exact = (common[syllable] ?? "").split(" ").filter(Boolean);
  const known = begins ? [...exact].sort((one, other) => rank(one) - rank(other)) : exact;
  const begun = Object.keys(common).filter((one) => one !== syllable && one.startsWith(syllable) && letters === syllable);
  const longer = begun.flatMap((one) => common[one].split(" ").slice(0, 6));
  const seldom = [...(rare.get(syllable) ?? "")];
  return { syllable, signs: [...new Set([...known, ...longer, ...seldom])] };
}

const rank = (sign) => {
  const at = SURNAMES.indexOf(sign);
  return at < 0 ? SURNAMES.length : at;
};

/** Ask the service for the rare characters of a syllable; says whether there is anything new. */
export async function seldom(syllable, address) {
  if (rare.has(syllable) || !common[syllable]) return false;
  rare.set(syllable, "");
  try {
    const answer = await fetch(`${address}?pinyin=${encodeURIComponent(syllable)}`);
    if (!answer.ok) throw new Error(String(answer.status));
    rare.set(syllable, (await answer.json()).characters);
    return true;
  } catch {
    rare.delete(syllable); // the common ones are there all the same
    return false;
  }
}
